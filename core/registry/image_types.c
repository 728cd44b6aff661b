/* SPDX-License-Identifier: Apache-2.0 */
/* The structs of go-containerregistry as tables. */
#include "registry/image_types.h"

#include "value/json.h"

#define TYPE(n, k) static const struct slip_go_type n = { .kind = (k) }
#define LIST(n, e) static const struct slip_go_type n = { .kind = SLIP_GO_LIST, .element = &(e) }
#define POINTER(n, e)                                                                              \
    static const struct slip_go_type n = { .kind = SLIP_GO_POINTER, .element = &(e) }
#define STRUCT(n, f)                                                                               \
    static const struct slip_go_type n = { .kind = SLIP_GO_STRUCT,                                 \
                                           .fields = (f),                                          \
                                           .n_fields = SLIP_COUNT(f) }
#define SHARED(n, f)                                                                               \
    const struct slip_go_type n = { .kind = SLIP_GO_STRUCT,                                        \
                                    .fields = (f),                                                 \
                                    .n_fields = SLIP_COUNT(f) }
#define OE SLIP_GO_OMIT_EMPTY

TYPE(string, SLIP_GO_STRING);
TYPE(boolean, SLIP_GO_BOOL);
TYPE(integer, SLIP_GO_INT);
TYPE(time_type, SLIP_GO_TIME);
TYPE(hash, SLIP_GO_HASH);
TYPE(base64, SLIP_GO_BASE64);
TYPE(set, SLIP_GO_SET);
const struct slip_go_type slip_string_map_type = { .kind = SLIP_GO_MAP };
LIST(strings, string);
LIST(hashes, hash);

/* clang-format off */
static const struct slip_go_field health_fields[] = {
    { "Test",        &strings, OE },
    { "Interval",    &integer, OE },
    { "Timeout",     &integer, OE },
    { "StartPeriod", &integer, OE },
    { "Retries",     &integer, OE },
};
STRUCT(health, health_fields);
POINTER(health_pointer, health);

static const struct slip_go_field run_fields[] = {
    { "AttachStderr",    &boolean, OE },
    { "AttachStdin",     &boolean, OE },
    { "AttachStdout",    &boolean, OE },
    { "Cmd",             &strings, OE },
    { "Healthcheck",     &health_pointer, OE },
    { "Domainname",      &string,  OE },
    { "Entrypoint",      &strings, OE },
    [SLIP_RUN_ENV] =
    { "Env",             &strings, OE },
    { "Hostname",        &string,  OE },
    { "Image",           &string,  OE },
    [SLIP_RUN_LABELS] =
    { "Labels",          &slip_string_map_type, OE },
    { "OnBuild",         &strings, OE },
    { "OpenStdin",       &boolean, OE },
    { "StdinOnce",       &boolean, OE },
    { "Tty",             &boolean, OE },
    { "User",            &string,  OE },
    { "Volumes",         &set,     OE },
    { "WorkingDir",      &string,  OE },
    { "ExposedPorts",    &set,     OE },
    { "ArgsEscaped",     &boolean, OE },
    { "NetworkDisabled", &boolean, OE },
    { "MacAddress",      &string,  OE },
    { "StopSignal",      &string,  OE },
    { "Shell",           &strings, OE },
};
SHARED(slip_config_run_type, run_fields);

static const struct slip_go_field history_fields[] = {
    { "author",      &string,    OE },
    { "created",     &time_type, 0  },
    { "created_by",  &string,    OE },
    { "comment",     &string,    OE },
    { "empty_layer", &boolean,   OE },
};
STRUCT(history, history_fields);
LIST(histories, history);

static const struct slip_go_field rootfs_fields[] = {
    { "type", &string, 0 },
    [SLIP_ROOTFS_DIFF_IDS] =
    { "diff_ids", &hashes, 0 },
};
SHARED(slip_rootfs_type, rootfs_fields);

static const struct slip_go_field config_fields[] = {
    [SLIP_CONFIG_ARCHITECTURE] =
    { "architecture",   &string,    0  },
    { "author",         &string,    OE },
    { "container",      &string,    OE },
    [SLIP_CONFIG_CREATED] =
    { "created",        &time_type, 0  },
    { "docker_version", &string,    OE },
    { "history",        &histories, OE },
    [SLIP_CONFIG_OS] =
    { "os",             &string,    0  },
    [SLIP_CONFIG_ROOTFS] =
    { "rootfs",         &slip_rootfs_type,    0  },
    [SLIP_CONFIG_RUN] =
    { "config",         &slip_config_run_type,       0  },
    [SLIP_CONFIG_OS_VERSION] =
    { "os.version",     &string,    OE },
    [SLIP_CONFIG_VARIANT] =
    { "variant",        &string,    OE },
    [SLIP_CONFIG_OS_FEATURES] =
    { "os.features",    &strings,   OE },
};
SHARED(slip_config_type, config_fields);

static const struct slip_go_field platform_fields[] = {
    [SLIP_PLATFORM_ARCHITECTURE] = { "architecture", &string,  0  },
    [SLIP_PLATFORM_OS]           = { "os",           &string,  0  },
    [SLIP_PLATFORM_OS_VERSION]   = { "os.version",   &string,  OE },
    [SLIP_PLATFORM_OS_FEATURES]  = { "os.features",  &strings, OE },
    [SLIP_PLATFORM_VARIANT]      = { "variant",      &string,  OE },
    { "features", &strings, OE },
};
SHARED(slip_platform_type, platform_fields);
POINTER(platform_pointer, slip_platform_type);

static const struct slip_go_field descriptor_fields[] = {
    [SLIP_DESCRIPTOR_MEDIA_TYPE] = { "mediaType", &string,  0  },
    [SLIP_DESCRIPTOR_SIZE]       = { "size",      &integer, 0  },
    [SLIP_DESCRIPTOR_DIGEST]     = { "digest",    &hash,    0  },
    [SLIP_DESCRIPTOR_DATA]       = { "data",      &base64,  OE },
    { "urls",         &strings,          OE },
    { "annotations",  &slip_string_map_type, OE },
    { "platform",     &platform_pointer, OE },
    { "artifactType", &string,           OE },
};
SHARED(slip_descriptor_type, descriptor_fields);
POINTER(descriptor_pointer, slip_descriptor_type);
LIST(descriptors, slip_descriptor_type);

static const struct slip_go_field manifest_fields[] = {
    { "schemaVersion", &integer,            0  },
    { "mediaType",     &string,             OE },
    [SLIP_MANIFEST_CONFIG] =
    { "config",        &slip_descriptor_type,         0  },
    [SLIP_MANIFEST_LAYERS] =
    { "layers",        &descriptors,        0  },
    { "annotations",   &slip_string_map_type,   OE },
    { "subject",       &descriptor_pointer, SLIP_GO_READ_ONLY },
};
SHARED(slip_manifest_type, manifest_fields);

static const struct slip_go_field index_fields[] = {
    { "schemaVersion", &integer,            0  },
    { "mediaType",     &string,             OE },
    [SLIP_INDEX_MANIFESTS] =
    { "manifests",     &descriptors,        0  },
    { "annotations",   &slip_string_map_type,   OE },
    { "subject",       &descriptor_pointer, SLIP_GO_READ_ONLY },
};
SHARED(slip_index_type, index_fields);
/* clang-format on */

int slip_image_read_as(const struct slip_go_type *type, struct slip_str text, const char *what,
                       struct slip_doc *doc, struct slip_go *out, struct slip_error *err)
{
    if (slip_json_read(text, NULL, SLIP_JSON_FIRST_VALUE, doc, err) < 0
        || slip_go_read(&doc->arena, type, doc->root, out, err) < 0)
        return slip_while(err, "read the %s", what);
    return 0;
}
