# SPDX-License-Identifier: MIT
# The comparing program of tests/peers: C++ by the peers' clang, because OpenCV is; vision/ as the host's gcc makes it at -O2.
PEERS_OUT := $(TEST_OUT)/peers
PEERS_CV := $(SDK_DIR)/opencv/usr
PEERS_READERS := $(wildcard $(SDK_DIR)/readers/usr)
PEERS_LIB := lib/x86_64-linux-gnu
PEERS_CC = $(patsubst $(TOP)/tests/peers/%.cc,$(PEERS_OUT)/%.o,$(wildcard $(TOP)/tests/peers/*.cc))
PEERS_OBJ = $(PEERS_CC) $(addprefix $(PEERS_OUT)/,$(VISION_SRC:.c=.o))
# vision/'s headers are C: their compound literals and enum arithmetic are extensions to C++.
PEERS_FLAGS := -std=c++17 -O1 -g -Wall -Wextra -Wshadow -Werror -Wno-c99-extensions -Wno-unknown-pragmas -I$(TOP) -isystem $(PEERS_CV)/include/opencv4 \
    -isystem $(PEERS_CV)/include/x86_64-linux-gnu/opencv4 \
    $(if $(PEERS_READERS),-DREADERS -isystem $(PEERS_READERS)/include -isystem $(PEERS_READERS)/include/mjpegtools)

.PHONY: peers-tests
peers-tests: $(PEERS_OUT)/peers
comma := ,
$(PEERS_OUT)/peers: $(PEERS_OBJ)
	$(call say,LINK,$@)
	$(Q)$(HOST_CC) -o $@ $^ $(SDK_HOST_LDFLAGS) -ljpeg -lpng -lz -L$(PEERS_CV)/$(PEERS_LIB) -lopencv_imgproc -lopencv_core -l:libstdc++.so.6 \
	    $(if $(PEERS_READERS),-L$(PEERS_READERS)/$(PEERS_LIB) -l:libgif.so.7 -l:liblavfile-2.1.so.0 -Wl$(comma)-rpath$(comma)$(abspath $(PEERS_READERS)/$(PEERS_LIB))) \
	    -Wl$(comma)--allow-shlib-undefined$(comma)-rpath$(comma)$(abspath $(PEERS_CV)/$(PEERS_LIB)):$(abspath $(SDK_DIR)/peers/usr/$(PEERS_LIB)) -lm
$(PEERS_OUT)/%.o: $(TOP)/tests/peers/%.cc
	@mkdir -p $(@D)
	$(call say,CLANG,$@)
	$(Q)$(SDK_FUZZ_CC) -x c++ $(PEERS_FLAGS) $(SDK_HOST_CFLAGS) -MMD -MP -c -o $@ $<
$(PEERS_OUT)/vision/%.o: $(TOP)/vision/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(HOST_CC) $(SDK_HOST_CFLAGS) -O2 $(TEST_WARNINGS) -MMD -MP -c -o $@ $<
-include $(PEERS_OBJ:.o=.d)
