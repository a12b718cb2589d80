/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine "openmv4": OpenMV Cam H7. An STM32H743VI with a 12 MHz and a 32.768 kHz crystal, an image sensor on I2C1 and DCMI.
 *
 * Properties:  boot-add0, boot-add1  option bytes: upper halves of the boot addresses       boot0   level of the BOOT0 pin
 *              strict  a mistake of the firmware stops the machine, with one message        trace   first touch of each register is logged
 *              scene   picture or folder that the sensor sees (also while running)          power   false: power is cut; true: it comes back
 *              time    virtual time in microseconds (read only)
 *              hse     frequency of the crystal in Hz, said at the start: firmware of another board (0: no crystal)
 *              drive   "PD12=1", "PD12=0": something outside drives a pin; "PD12=z": it lets go
 *              usbip, usbip-port, usb-cable, usb-suspend, usb-device, usb-imported, usb-counters: usb_socket.h
 */
#include "qemu/osdep.h"

#include "dwc2.h"
#include "hw/arm/boot.h"
#include "hw/boards.h"
#include "hw/i2c/i2c.h"
#include "hw/qdev-clock.h"
#include "hw/qdev-properties.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/error-report.h"
#include "qemu/units.h"
#include "stm32_pins.h"
#include "stm32_rom_dfu.h"
#include "stm32h7_flash.h"
#include "stm32h7_pwr.h"
#include "stm32h7_rcc_device.h"
#include "stm32h743.h"
#include "system/cpus.h"
#include "system/reset.h"
#include "system/runstate.h"
#include "target/arm/cpu.h"
#include "usb_socket.h"

#define TYPE_OPENMV4 MACHINE_TYPE_NAME("openmv4")
OBJECT_DECLARE_SIMPLE_TYPE(Openmv4, OPENMV4)

enum { HSE_HZ = 12000000, HSE_LOWEST_HZ = 4000000, HSE_HIGHEST_HZ = 48000000, LSE_HZ = 32768, SENSOR_ADDRESS = 0x21, SENSOR_RESET_PIN = 10, SENSOR_POWER_PIN = 7 };
#define ERASED_PC 0xfffffffe

struct Openmv4 {
    MachineState parent_obj;
    Stm32h743 *chip;
    DeviceState *sensor;            /* NULL: none linked */
    UsbSocket usb;
    unsigned usb_wiring;            /* of usb_wirings */
    Stm32RomDfu *rom;
    char *scene;
    uint16_t boot_address[2];
    uint32_t hse;
    bool boot0, powered;
};

/* --- reset and power --- */

static void openmv4_reset(MachineState *machine, ResetType type)
{
    Openmv4 *s = OPENMV4(machine);
    CPUState *cpu = CPU(s->chip->core.cpu);
    bool power_on, standby = stm32h7_pwr_enters_standby(s->chip->rcc->pwr);

    s->chip->core.cpu->init_nsvtor = stm32h743_boot_address(s->chip, s->boot0);
    stm32_rom_dfu_stop(s->rom);
    cpu->start_powered_off = !s->powered || standby;
    if (standby) {
        stm32h743_lose_memory(s->chip, stm32h7_pwr_backup_regulator(s->chip->rcc->pwr));
    }
    power_on = stm32h7_rcc_power_on(s->chip->rcc);
    armv7m_debug_reset(&s->chip->debug, power_on);
    qemu_devices_reset(type);
    arm_halt_reset(&s->chip->debug.halt, power_on);
    if (!cpu->start_powered_off && s->chip->core.cpu->env.regs[15] == ERASED_PC) {
        /* The chip would lock up; QEMU would end. */
        warn_report("no program at 0x%08x (its vector table is erased): the core stands still", s->chip->core.cpu->init_nsvtor);
        s->chip->core.cpu->power_state = PSCI_OFF;
        cpu->halted = 1;
    }
}

static void system_reset_request(void *opaque, int n, int level)
{
    Openmv4 *s = opaque;

    if (level && s->chip->debug.halt.probe) {
        stm32h743_reset_by_probe(s->chip, RESET_SOFTWARE);
    } else if (level) {
        stm32h7_rcc_request_reset(s->chip->rcc, RESET_SOFTWARE);
    }
}

static bool get_power(Object *obj, Error **errp)
{
    return OPENMV4(obj)->powered;
}

static void set_power(Object *obj, bool on, Error **errp)
{
    Openmv4 *s = OPENMV4(obj);

    if (!s->chip || s->powered == on) {
        s->powered = on;
        return;
    }
    pause_all_vcpus();
    s->powered = on;
    if (!on) {
        stm32h743_power_cut(s->chip);
    }
    stm32h7_rcc_set_cause(s->chip->rcc, RESET_POWER);
    qemu_system_reset(SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET);
    resume_all_vcpus();
}

/* --- properties --- */

static void get_time(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    uint64_t us = qemu_clock_get_us(QEMU_CLOCK_VIRTUAL);

    visit_type_uint64(v, name, &us, errp);
}

static char *get_scene(Object *obj, Error **errp)
{
    return g_strdup(OPENMV4(obj)->scene ? OPENMV4(obj)->scene : "");
}

static void set_scene(Object *obj, const char *path, Error **errp)
{
    Openmv4 *s = OPENMV4(obj);

    if (s->sensor && !object_property_set_str(OBJECT(s->sensor), "scene", path, errp)) {
        return;
    }
    g_free(s->scene);
    s->scene = g_strdup(path);
}

/* A pin of the connector, driven from outside. */
static void set_drive(Object *obj, const char *text, Error **errp)
{
    Openmv4 *s = OPENMV4(obj);
    char port[] = { 'G', 'P', 'I', 'O', 0, 0 }, level;
    Stm32Periph *gpio;
    unsigned number;

    if (!s->chip || sscanf(text, "P%c%u=%c", &port[4], &number, &level) != 3 || number > 15 || !strchr("01z", level) ||
        !(gpio = stm32h743_find(s->chip, port))) {
        error_setg(errp, "'%s' isn't a pin and a level, like PD12=1, PD12=0 or PD12=z", text);
        return;
    }
    qemu_set_irq(qdev_get_gpio_in_named(DEVICE(gpio), "drive", number), level == 'z' ? -1 : level - '0');
}

static void get_boot_address(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    visit_type_uint16(v, name, &OPENMV4(obj)->boot_address[opaque != NULL], errp);
}

static void set_boot_address(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    Openmv4 *s = OPENMV4(obj);
    unsigned which = opaque != NULL;

    if (visit_type_uint16(v, name, &s->boot_address[which], errp) && s->chip) {
        stm32h7_flash_set_boot_address(stm32h743_find(s->chip, "FLASH"), which, s->boot_address[which]);
    }
}

static void get_hse(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    visit_type_uint32(v, name, &OPENMV4(obj)->hse, errp);
}

/* RM0433 section 8.5.2: 4 to 48 MHz. */
static void set_hse(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    Openmv4 *s = OPENMV4(obj);
    uint32_t hz;

    if (!visit_type_uint32(v, name, &hz, errp)) {
        return;
    }
    if (s->chip || (hz && (hz < HSE_LOWEST_HZ || hz > HSE_HIGHEST_HZ))) {
        error_setg(errp, "hse is 0 or %u to %u (Hz), said at the start", HSE_LOWEST_HZ, HSE_HIGHEST_HZ);
        return;
    }
    s->hse = hz;
}

static bool get_boot0(Object *obj, Error **errp)
{
    return OPENMV4(obj)->boot0;
}

static void set_boot0(Object *obj, bool value, Error **errp)
{
    OPENMV4(obj)->boot0 = value;
}

static bool get_strict(Object *obj, Error **errp)
{
    return regs_strict;
}

static void set_strict(Object *obj, bool value, Error **errp)
{
    regs_strict = value;
}

static bool get_trace(Object *obj, Error **errp)
{
    return regs_trace;
}

static void set_trace(Object *obj, bool value, Error **errp)
{
    regs_trace = value;
}

/* --- the board --- */

static void connect_pin(Openmv4 *s, const char *port, unsigned pin, const char *input)
{
    qdev_connect_gpio_out(DEVICE(stm32h743_find(s->chip, port)), pin, qdev_get_gpio_in_named(s->sensor, input, 0));
}

static Stm32Pin pin(Openmv4 *s, const char *name, unsigned function)
{
    char port[] = { 'G', 'P', 'I', 'O', name[1], 0 };

    return (Stm32Pin) { .port = stm32h743_find(s->chip, port), .pin = atoi(name + 2), .function = function, .name = name };
}

/* The serial ports of the connector. */
static void wire_serial(Openmv4 *s)
{
    stm32_usart_set_pins(stm32h743_find(s->chip, "USART1"), (Stm32Pin[]) { pin(s, "PB15", 4), pin(s, "PB14", 4) });
    stm32_usart_set_pins(stm32h743_find(s->chip, "USART3"), (Stm32Pin[]) { pin(s, "PB11", 7), pin(s, "PB10", 7) });
}

/*
 * Which controller the micro USB socket is soldered to: the first on this board. The others are for tests of the second controller:
 * a property of the machine, "usb-controller", before it starts.
 */
static const struct { const char *name, *controller, *minus, *plus; uint8_t function; bool ulpi; } usb_wirings[] = {
    { "OTG2_FS", "OTG2_FS", "PA11", "PA12", 10, false },
    { "OTG1_HS", "OTG1_HS", "PB14", "PB15", 12, false },
    { "OTG1_HS-ulpi", "OTG1_HS", "PB14", "PB15", 12, true },
};

static void connect_usb(void *opaque)
{
    Openmv4 *s = opaque;
    Stm32Pin data[2] = { pin(s, usb_wirings[s->usb_wiring].minus, usb_wirings[s->usb_wiring].function),
                         pin(s, usb_wirings[s->usb_wiring].plus, usb_wirings[s->usb_wiring].function) };

    dwc2_connect(stm32h743_find(s->chip, usb_wirings[s->usb_wiring].controller), s->usb.port, data, usb_wirings[s->usb_wiring].ulpi);
}

static void wire_usb(Openmv4 *s)
{
    connect_usb(s);
    s->rom = stm32_rom_dfu_new(s->chip, s->usb.port, stm32h743_find(s->chip, "OTG2_FS"), connect_usb, s);
    usb_socket_set_vbus(&s->usb, stm32h743_find(s->chip, "GPIOA"), 9);
    usb_socket_start(&s->usb);
}

/* The camera's signals and where they are soldered. */
static void wire_camera(Openmv4 *s)
{
    static const char *const names[DCMI_PINS] = { "PC6", "PC7", "PE0", "PE1", "PE4", "PB6", "PE5", "PE6", "PA4", "PB7", "PA6" };
    Stm32Pin dcmi[DCMI_PINS], i2c[2] = { pin(s, "PB8", 4), pin(s, "PB9", 4) }, clock = pin(s, "PA8", 1);

    for (unsigned i = 0; i < DCMI_PINS; i++) {
        dcmi[i] = pin(s, names[i], 13);
    }
    stm32_dcmi_set_pins(stm32h743_find(s->chip, "DCMI"), dcmi);
    stm32_i2c_set_pins(stm32h743_find(s->chip, "I2C1"), i2c);
    sensor_set_clock_pin(s->sensor, &clock);
    qdev_connect_gpio_out_named(s->sensor, "vsync", 0, qdev_get_gpio_in_named(DEVICE(stm32h743_find(s->chip, "GPIOB")), "drive", 7));
}

static void create_sensor(Openmv4 *s)
{
    BusState *bus = qdev_get_child_bus(DEVICE(stm32h743_find(s->chip, "I2C1")), "i2c");
    I2CSlave *sensor;

    if (!bus || !object_class_by_name("ov7725")) {
        return;
    }
    sensor = i2c_slave_new("ov7725", SENSOR_ADDRESS);
    object_property_add_child(OBJECT(s), "sensor", OBJECT(sensor));
    object_property_set_link(OBJECT(sensor), "dcmi", OBJECT(stm32h743_find(s->chip, "DCMI")), &error_fatal);
    qdev_connect_clock_in(DEVICE(sensor), "xclk", qdev_get_clock_out(DEVICE(stm32h743_find(s->chip, "TIM1")), "ch1"));
    qdev_connect_clock_in(DEVICE(sensor), "mco", qdev_get_clock_out(DEVICE(s->chip->rcc), "mco1"));
    i2c_slave_realize_and_unref(sensor, I2C_BUS(bus), &error_fatal);
    s->sensor = DEVICE(sensor);
    connect_pin(s, "GPIOA", SENSOR_RESET_PIN, "reset");
    connect_pin(s, "GPIOD", SENSOR_POWER_PIN, "power");
    wire_camera(s);
    if (s->scene) {
        object_property_set_str(OBJECT(sensor), "scene", s->scene, &error_fatal);
    }
}

static char *get_usb_controller(Object *obj, Error **errp)
{
    return g_strdup(usb_wirings[OPENMV4(obj)->usb_wiring].name);
}

static void set_usb_controller(Object *obj, const char *name, Error **errp)
{
    for (unsigned i = 0; i < ARRAY_SIZE(usb_wirings) && !OPENMV4(obj)->chip; i++) {
        if (!strcmp(name, usb_wirings[i].name)) {
            OPENMV4(obj)->usb_wiring = i;
            return;
        }
    }
    error_setg(errp, "usb-controller is OTG2_FS, OTG1_HS or OTG1_HS-ulpi, said at the start");
}

static void openmv4_init(MachineState *machine)
{
    Openmv4 *s = OPENMV4(machine);
    Stm32h743 *chip = STM32H743(qdev_new(TYPE_STM32H743));

    object_property_add_child(OBJECT(machine), "chip", OBJECT(chip));
    qdev_prop_set_uint32(DEVICE(chip), "hse-hz", s->hse);
    qdev_prop_set_uint32(DEVICE(chip), "lse-hz", LSE_HZ);
    qdev_realize(DEVICE(chip), NULL, &error_fatal);
    s->chip = chip;
    for (unsigned i = 0; i < 2; i++) {
        stm32h7_flash_set_boot_address(stm32h743_find(chip, "FLASH"), i, s->boot_address[i]);
    }
    qdev_connect_gpio_out_named(DEVICE(&chip->core), "SYSRESETREQ", 0, qemu_allocate_irq(system_reset_request, s, 0));
    wire_serial(s);
    wire_usb(s);
    create_sensor(s);
    armv7m_load_kernel(chip->core.cpu, machine->kernel_filename, 0x08000000, 2 * MiB);
}

static void openmv4_instance_init(Object *obj)
{
    Openmv4 *s = OPENMV4(obj);

    s->powered = true;
    usb_socket_init(&s->usb, obj);
    s->boot_address[0] = 0x0800;
    s->boot_address[1] = 0x1ff0;
    s->hse = HSE_HZ;
}

static void openmv4_class_init(ObjectClass *klass, void *data)
{
    MachineClass *mc = MACHINE_CLASS(klass);
    static const char *const cpus[] = { ARM_CPU_TYPE_NAME("cortex-m7"), NULL };

    mc->desc = "OpenMV Cam H7 (STM32H743)";
    mc->init = openmv4_init;
    mc->reset = openmv4_reset;
    mc->valid_cpu_types = cpus;
    mc->default_cpu_type = cpus[0];
    mc->no_floppy = mc->no_cdrom = mc->no_parallel = true;
    mc->block_default_type = IF_PFLASH;
    object_class_property_add(klass, "boot-add0", "uint16", get_boot_address, set_boot_address, NULL, NULL);
    object_class_property_add(klass, "boot-add1", "uint16", get_boot_address, set_boot_address, NULL, klass);
    object_class_property_add(klass, "hse", "uint32", get_hse, set_hse, NULL, NULL);
    object_class_property_add_bool(klass, "boot0", get_boot0, set_boot0);
    object_class_property_add_bool(klass, "strict", get_strict, set_strict);
    object_class_property_add_bool(klass, "trace", get_trace, set_trace);
    object_class_property_add_bool(klass, "power", get_power, set_power);
    object_class_property_add_str(klass, "scene", get_scene, set_scene);
    object_class_property_add_str(klass, "drive", NULL, set_drive);
    object_class_property_add(klass, "time", "uint64", get_time, NULL, NULL, NULL);
    object_class_property_add_str(klass, "usb-controller", get_usb_controller, set_usb_controller);
}

static const TypeInfo openmv4_types[] = {
    {
        .name = TYPE_OPENMV4,
        .parent = TYPE_MACHINE,
        .instance_size = sizeof(Openmv4),
        .instance_init = openmv4_instance_init,
        .class_init = openmv4_class_init,
    },
};

DEFINE_TYPES(openmv4_types)
