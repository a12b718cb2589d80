# SPDX-License-Identifier: MIT
SRC_MODULES += $(addprefix modules/protocol/, service.c channel_stdio.c channel_stream.c user_channel.c py_protocol.c)
SRC_OURS += modules/protocol/stream_raw.c modules/protocol/channel_crash.c $(if $(filter 1,$(PROFILE_ENABLE)),modules/protocol/channel_profile.c)
