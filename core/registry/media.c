/* SPDX-License-Identifier: Apache-2.0 */
/* Media types of manifests, indexes and layers. */
#include "registry/media.h"

bool slip_media_is_manifest(struct slip_str type)
{
    return slip_str_is(type, SLIP_MEDIA_DOCKER_MANIFEST)
           || slip_str_is(type, SLIP_MEDIA_OCI_MANIFEST);
}

bool slip_media_is_index(struct slip_str type)
{
    return slip_str_is(type, SLIP_MEDIA_DOCKER_LIST) || slip_str_is(type, SLIP_MEDIA_OCI_INDEX);
}

bool slip_media_is_foreign_layer(struct slip_str type)
{
    static const char *const types[] = {
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    };
    for (size_t i = 0; i < SLIP_COUNT(types); i++)
        if (slip_str_is(type, types[i]))
            return true;
    return false;
}
