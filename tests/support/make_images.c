/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills a repository with stages, so that tests and the benchmark need no builder.
 *
 *   make_images [-i] [-c CA-FILE] [-l LAYERS] [-s BYTES] [-e NAME=VALUE] [-L LABEL=VALUE]...
 *               REPOSITORY TAG...
 *
 * Each image has the same LAYERS layers of BYTES bytes that do not compress, and a config of its
 * own with werf's labels and those of -L, and the variable of -e. -i: plain HTTP may be used.
 */
#include "base/mem.h"
#include "base/vec.h"
#include "registry/copy.h"
#include "registry/media.h"
#include "registry/stored.h"

#include <unistd.h>

struct blob {
    char *data;
    size_t size;
    char digest[SLIP_DIGEST_LEN + 1];
};

struct fill {
    struct slip_registry *registry;
    struct slip_store *to;
    size_t n_layers, layer_size;
    struct slip_buf labels; /* ,"label":"value" */
    const char *env;        /* of each image, or NULL */
    struct blob *layers;
};

static int print_error(const struct slip_error *err)
{
    fprintf(stderr, "make_images: %s\n", err->text);
    return 1;
}

/* xorshift64 from the layer's number. */
static void make_layer(struct blob *b, size_t number, size_t size)
{
    uint64_t x = 0x9e3779b97f4a7c15u * (number + 1);
    b->data = slip_alloc(size);
    b->size = size;
    for (size_t i = 0; i < size; i++) {
        if (i % 8 == 0) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
        }
        b->data[i] = (char)(x >> (i % 8 * 8));
    }
    slip_digest_of(slip_str_make(b->data, size), b->digest);
}

static int send(struct fill *f, const struct blob *blobs, size_t n)
{
    SLIP_AUTO_FREE struct slip_blob_copy *items = slip_alloc_array(n, sizeof(*items));
    for (size_t i = 0; i < n; i++)
        items[i] = (struct slip_blob_copy){ .to = f->to,
                                            .digest = blobs[i].digest,
                                            .size = blobs[i].size,
                                            .data = slip_str_make(blobs[i].data, blobs[i].size) };
    if (slip_blobs_copy(f->registry, items, n, NULL) == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (items[i].err.kind)
            return print_error(&items[i].err);
    return 1;
}

static void make_config(const struct fill *f, const char *tag, struct blob *out)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1u << 20);
    slip_buf_add_fmt(&text,
                     "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Labels\":{"
                     "\"werf\":\"bench\",\"werf-version\":\"v2\",\"werf-stage-content-digest\":"
                     "\"%.56s\"%s}%s%s%s},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[",
                     tag, f->labels.ptr, f->env ? ",\"Env\":[\"" : "", f->env ? f->env : "",
                     f->env ? "\"]" : "");
    for (size_t i = 0; i < f->n_layers; i++)
        slip_buf_add_fmt(&text, "%s\"%s\"", i ? "," : "", f->layers[i].digest);
    slip_buf_add_c(&text, "]}}");
    out->size = text.len;
    out->data = slip_buf_detach(&text);
    slip_digest_of(slip_str_make(out->data, out->size), out->digest);
}

static int put_manifest(struct fill *f, const char *tag, const struct blob *config)
{
    SLIP_AUTO(slip_buf) text = SLIP_BUF(1u << 20);
    slip_buf_add_fmt(&text,
                     "{\"schemaVersion\":2,\"mediaType\":\"" SLIP_MEDIA_DOCKER_MANIFEST
                     "\",\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+"
                     "json\",\"size\":%zu,\"digest\":\"%s\"},\"layers\":[",
                     config->size, config->digest);
    for (size_t i = 0; i < f->n_layers; i++)
        slip_buf_add_fmt(
            &text,
            "%s{\"mediaType\":\"application/vnd.docker.image.rootfs.diff.tar.gzip\",\"size\":%zu,"
            "\"digest\":\"%s\"}",
            i ? "," : "", f->layers[i].size, f->layers[i].digest);
    slip_buf_add_c(&text, "]}");
    struct slip_manifest_put put = { .identifier = tag,
                                     .media_type = SLIP_MEDIA_DOCKER_MANIFEST,
                                     .body = slip_buf_str(&text) };
    return f->to->ops->put_manifests(f->to, &put, 1) < 0 ? print_error(&put.err) : 0;
}

static int fill(struct fill *f, char **tags)
{
    int rc = 0;
    f->layers = slip_alloc_array(f->n_layers, sizeof(*f->layers));
    for (size_t i = 0; i < f->n_layers; i++)
        make_layer(&f->layers[i], i, f->layer_size);
    rc = send(f, f->layers, f->n_layers);
    for (; *tags && rc == 0; tags++) {
        struct blob config = { 0 };
        make_config(f, *tags, &config);
        rc = send(f, &config, 1);
        if (rc == 0)
            rc = put_manifest(f, *tags, &config);
        slip_free(config.data);
    }
    for (size_t i = 0; i < f->n_layers; i++)
        slip_free(f->layers[i].data);
    slip_free(f->layers);
    return rc;
}

int main(int argc, char **argv)
{
    struct slip_registry_options o = { .user_agent = "slipway/test" };
    struct fill f = { .n_layers = 3, .layer_size = 4096, .labels = SLIP_BUF(1u << 16) };
    SLIP_AUTO(slip_reference) where = { 0 };
    SLIP_AUTO_PTR(slip_registry) registry = NULL;
    SLIP_AUTO_PTR(slip_store) store = NULL;
    struct slip_error err = { 0 };
    int c;
    while ((c = getopt(argc, argv, "ic:e:l:s:L:")) >= 0) {
        o.insecure |= c == 'i';
        if (c == 'c')
            o.ca_file = optarg;
        if (c == 'e')
            f.env = optarg;
        if (c == 'l')
            f.n_layers = strtoul(optarg, NULL, 10);
        if (c == 's')
            f.layer_size = strtoul(optarg, NULL, 10);
        struct slip_str label, value;
        if (c == 'L' && slip_str_cut(slip_str_of(optarg), '=', &label, &value))
            slip_buf_add_fmt(&f.labels, ",\"%.*s\":\"%.*s\"", SLIP_ARG(label), SLIP_ARG(value));
    }
    if (argc - optind < 2)
        return 2;
    registry = slip_registry_new(&o);
    if (slip_repository_parse(slip_str_of(argv[optind]), &where, &err) < 0
        || slip_store_open(registry, &where, &store, &err) < 0)
        return print_error(&err);
    f.registry = registry;
    f.to = store;
    int rc = fill(&f, argv + optind + 1);
    slip_buf_clear(&f.labels);
    return rc;
}
