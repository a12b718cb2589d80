# SPDX-License-Identifier: MIT
# The SDK: goals that install it, and the flags of host programs that use its libraries. Contract in sdk/README.md.

.PHONY: sdk sdk-peers sdk-lock submodules

SDK_SH = SDK_DIR='$(SDK_DIR)' SDK_VERSION='$(SDK_VERSION)' TOP='$(TOP)' sh $(TOP)/sdk/sdk.sh

sdk: ## install the SDK into SDK_DIR (SDK_CACHE=, SDK_MIRROR=)
	@$(SDK_SH) install

sdk-peers: ## install what comparisons and fuzzing need: numpy, scipy, clang, bench pictures
	@$(SDK_SH) peers

sdk-lock: ## re-pin sdk/sdk.lock to the newest packages of its suites
	@$(SDK_SH) lock

submodules: ## unpack lib/micropython and lib/tinyusb
	@$(SDK_SH) submodules
