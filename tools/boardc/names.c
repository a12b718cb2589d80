/* SPDX-License-Identifier: MIT */
/* The names that the lists of a board may hold. A new sensor, module or vision feature is added here once. */
#include "boardc.h"

const char *const known_features[] = {
    "AGAST",
    "APRILTAGS",
    "APRILTAGS_TAG16H5",
    "APRILTAGS_TAG25H9",
    "APRILTAGS_TAG36H10",
    "APRILTAGS_TAG36H11",
    "BARCODES",
    "BILATERAL",
    "BINARY_OPS",
    "DATAMATRICES",
    "DEBAYER_OPTIMIZATION",
    "DESCRIPTOR",
    "FEATURES",
    "FIND_CIRCLES",
    "FIND_DISPLACEMENT",
    "FIND_KEYPOINTS",
    "FIND_LBP",
    "FIND_LINES",
    "FIND_LINE_SEGMENTS",
    "FIND_RECTS",
    "FIND_TEMPLATE",
    "FLOOD_FILL",
    "GAMMA_LUT",
    "GAUSSIAN",
    "GET_SIMILARITY",
    "HIGH_RES_APRILTAGS",
    "HOG",
    "IMAGE_FILE_IO",
    "IMAGE_IO",
    "ISP_OPS",
    "LAB_LUT",
    "LAPLACIAN",
    "LENS_CORR",
    "LINPOLAR",
    "LOGPOLAR",
    "MATH_OPS",
    "MEAN",
    "MEAN_POOLING",
    "MEDIAN",
    "MIDPOINT",
    "MIDPOINT_POOLING",
    "MODE",
    "MORPH",
    "PNG_DECODER",
    "PNG_ENCODER",
    "QRCODES",
    "ROTATION_CORR",
    "SELECTIVE_SEARCH",
    "STAI",
    "STEREO_DISPARITY",
};
const size_t known_features_count = COUNT(known_features);

const char *const known_modules[] = {
    "AUDIO",
    "BLUETOOTH",
    "BLUETOOTH_NIMBLE",
    "CRC",
    "CSI",
    "CSI_NG",
    "DISPLAY",
    "FIR",
    "IMU",
    "LEPTON_SDK",
    "LWIP",
    "ML",
    "ML_STAI",
    "ML_TFLM",
    "NETWORK",
    "NETWORK_CYW43",
    "OPENAMP",
    "OPENAMP_REMOTEPROC",
    "PROTOCOL",
    "SSL",
    "SSL_ECDSA_SIGN_ALT",
    "SSL_MBEDTLS",
    "TOF",
    "TOF_VL53L8CX",
    "TV",
    "ULAB",
    "UMALLOC",
    "VC8000",
    "WINC1500",
};
const size_t known_modules_count = COUNT(known_modules);

const char *const known_sensors[] = {
    "BOSON",  "FROGEYE2020", "GC2145", "GENX320", "HM01B0", "HM0360",  "LEPTON",  "MT9M114", "MT9V0XX", "OV2640",
    "OV5640", "OV7670",      "OV7690", "OV7725",  "OV9650", "PAG7920", "PAG7936", "PAJ6100", "PS5520",  "SOFTCSI",
};
const size_t known_sensors_count = COUNT(known_sensors);

const char *const known_thermals[] = {"AMG8833", "LEPTON", "MLX90621", "MLX90640", "MLX90641", "VL53L5CX", "VL53L8CX"};
const size_t known_thermals_count = COUNT(known_thermals);

const char *const known_hw_caps[] = {
    "GPU", "NPU", "ISP", "VENC", "JPEG", "DRAM", "CRC", "PMU", "WIFI", "BT", "SD", "ETH", "USB_HS", "MULTICORE",
};
const size_t known_hw_caps_count = COUNT(known_hw_caps);
