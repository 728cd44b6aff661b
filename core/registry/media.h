/* SPDX-License-Identifier: Apache-2.0 */
/* Media types of manifests, indexes and layers. */
#ifndef SLIP_REGISTRY_MEDIA_H
#define SLIP_REGISTRY_MEDIA_H

#include "base/str.h"

#define SLIP_MEDIA_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define SLIP_MEDIA_DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define SLIP_MEDIA_OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define SLIP_MEDIA_OCI_INDEX "application/vnd.oci.image.index.v1+json"

/* The exact text only: a type with parameters is none of these, as for werf. */
bool slip_media_is_manifest(struct slip_str type);
bool slip_media_is_index(struct slip_str type);

/* A layer whose content stands elsewhere and is not copied: what werf knows as "foreign" or
 * "nondistributable" (of the latter not the zstd ones). */
bool slip_media_is_foreign_layer(struct slip_str type);

#endif
