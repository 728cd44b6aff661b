/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structs of go-containerregistry 0.19 for image configs, manifests and indexes, as tables: the
 * members it knows, in the order in which it writes them. Members that code asks for have a number.
 */
#ifndef SLIP_REGISTRY_IMAGE_TYPES_H
#define SLIP_REGISTRY_IMAGE_TYPES_H

#include "registry/go_struct.h"

extern const struct slip_go_type slip_config_type, slip_config_run_type, slip_rootfs_type;
extern const struct slip_go_type slip_manifest_type, slip_index_type, slip_descriptor_type;
extern const struct slip_go_type slip_platform_type, slip_string_map_type;

enum slip_config_field {
    SLIP_CONFIG_ARCHITECTURE = 0,
    SLIP_CONFIG_CREATED = 3,
    SLIP_CONFIG_OS = 6,
    SLIP_CONFIG_ROOTFS,
    SLIP_CONFIG_RUN,
    SLIP_CONFIG_OS_VERSION,
    SLIP_CONFIG_VARIANT,
    SLIP_CONFIG_OS_FEATURES,
};
enum slip_config_run_field { SLIP_RUN_ENV = 7, SLIP_RUN_LABELS = 10 };
enum slip_rootfs_field { SLIP_ROOTFS_DIFF_IDS = 1 };
enum slip_manifest_field {
    SLIP_MANIFEST_CONFIG = 2,
    SLIP_MANIFEST_LAYERS,
    SLIP_MANIFEST_ANNOTATIONS
};
enum slip_index_field { SLIP_INDEX_MANIFESTS = 2 };
enum slip_descriptor_field {
    SLIP_DESCRIPTOR_MEDIA_TYPE,
    SLIP_DESCRIPTOR_SIZE,
    SLIP_DESCRIPTOR_DIGEST,
    SLIP_DESCRIPTOR_DATA,
};
enum slip_platform_field {
    SLIP_PLATFORM_ARCHITECTURE,
    SLIP_PLATFORM_OS,
    SLIP_PLATFORM_OS_VERSION,
    SLIP_PLATFORM_OS_FEATURES,
    SLIP_PLATFORM_VARIANT,
};

/* Read a text as one of them; what follows the first value does not count. Values live in the arena
 * of `doc`; `what` is for messages. */
SLIP_MUST_USE int slip_image_read_as(const struct slip_go_type *type, struct slip_str text,
                                     const char *what, struct slip_doc *doc, struct slip_go *out,
                                     struct slip_error *err);

#endif
