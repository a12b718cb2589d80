/* SPDX-License-Identifier: MIT */
/* The csi module: its class, sensors, pixel formats and frame sizes. */
#include "py/runtime.h"

#include "modules/csi/py_csi.h"

static mp_obj_t csi_devices(void)
{
    mp_obj_t list = mp_obj_new_list(0, NULL);

    if (!camera_sensor()) {
        int error = csi_reset_camera();
        if (error && error != CAMERA_E_NOT_DETECTED) {
            csi_check(error);
        }
    }
    if (camera_sensor()) {
        mp_obj_list_append(list, MP_OBJ_NEW_SMALL_INT(camera_sensor()->driver->chip_id));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(csi_devices_obj, csi_devices);

/* A frame size is the pair itself, so that csi.QVGA == (320, 240) and framesize() gives back what was set. */
typedef struct {
    mp_obj_base_t base;
    size_t len;
    mp_rom_obj_t items[2];
} size_pair_t;

#define FRAME_SIZES(X)                                                                                                          \
    X(QQCIF, 88, 72) X(QCIF, 176, 144) X(CIF, 352, 288) X(QQSIF, 88, 60) X(QSIF, 176, 120) X(SIF, 352, 240)                     \
    X(QQQQVGA, 40, 30) X(QQQVGA, 80, 60) X(QQVGA, 160, 120) X(QVGA, 320, 240) X(VGA, 640, 480)                                  \
    X(HQQQQVGA, 30, 20) X(HQQQVGA, 60, 40) X(HQQVGA, 120, 80) X(HQVGA, 240, 160) X(HVGA, 480, 320)                              \
    X(LCD, 128, 160) X(QQVGA2, 128, 160) X(WVGA, 720, 480) X(WVGA2, 752, 480) X(SVGA, 800, 600) X(XGA, 1024, 768)               \
    X(WXGA, 1280, 768) X(SXGA, 1280, 1024) X(SXGAM, 1280, 960) X(UXGA, 1600, 1200) X(HD, 1280, 720) X(FHD, 1920, 1080)          \
    X(QHD, 2560, 1440) X(QXGA, 2048, 1536) X(WQXGA, 2560, 1600) X(WQXGA2, 2592, 1944)

#define SIZE_OBJECT(name, w, h) \
    static const size_pair_t size_##name = {{&mp_type_tuple}, 2, {MP_ROM_INT(w), MP_ROM_INT(h)}};
FRAME_SIZES(SIZE_OBJECT)

#define SIZE_ENTRY(name, w, h) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&size_##name)},

/* What scripts compare cid() with, whichever of them this firmware drives. */
#define SENSORS(X)                                                                                                              \
    X(OV2640, 0x26) X(OV5640, 0x56) X(OV7690, 0x76) X(OV7725, 0x77) X(OV9650, 0x96) X(MT9V022, 0x1311) X(MT9V032, 0x1313)       \
    X(MT9V024, 0x1324) X(MT9V034, 0x1324) X(MT9M114, 0x2481) X(BOSON, 0xAE32) X(LEPTON, 0x5415) X(HM01B0, 0xB0) X(HM0360, 0x60) \
    X(GC2145, 0x21) X(PAJ6100, 0x6100) X(FROGEYE2020, 0x2020) X(GENX320, 0x30501C01)

#define SENSOR_ENTRY(name, id) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_INT(id)},

static const mp_rom_map_elem_t csi_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_csi)},
    {MP_ROM_QSTR(MP_QSTR_CSI), MP_ROM_PTR(&csi_type)},
    {MP_ROM_QSTR(MP_QSTR_devices), MP_ROM_PTR(&csi_devices_obj)},
    {MP_ROM_QSTR(MP_QSTR_BINARY), MP_ROM_INT(PIXFORMAT_BINARY)},
    {MP_ROM_QSTR(MP_QSTR_GRAYSCALE), MP_ROM_INT(PIXFORMAT_GRAYSCALE)},
    {MP_ROM_QSTR(MP_QSTR_RGB565), MP_ROM_INT(PIXFORMAT_RGB565)},
    {MP_ROM_QSTR(MP_QSTR_BAYER), MP_ROM_INT(PIXFORMAT_BAYER_BGGR)},
    {MP_ROM_QSTR(MP_QSTR_YUV422), MP_ROM_INT(PIXFORMAT_YUV422)},
    {MP_ROM_QSTR(MP_QSTR_JPEG), MP_ROM_INT(PIXFORMAT_JPEG)},
    {MP_ROM_QSTR(MP_QSTR_NORMAL), MP_ROM_INT(0)},
    {MP_ROM_QSTR(MP_QSTR_NEGATIVE), MP_ROM_INT(1)},
    SENSORS(SENSOR_ENTRY)
    FRAME_SIZES(SIZE_ENTRY)
};
static MP_DEFINE_CONST_DICT(csi_globals, csi_globals_table);

const mp_obj_module_t csi_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&csi_globals,
};
MP_REGISTER_MODULE(MP_QSTR_csi, csi_module);
