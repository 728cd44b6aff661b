/* SPDX-License-Identifier: Apache-2.0 */
/* What registries send: header lines up to the first empty line, then a body. */
#include "fuzz/fuzz.h"

#include "net/url.h"
#include "registry/protocol.h"
#include "registry/tag_reader.h"

static int ignore_tag(void *payload, struct slip_str tag, struct slip_error *err)
{
    (void)payload, (void)tag, (void)err;
    return 0;
}

static void read_header(const struct slip_http_answer *a)
{
    uint64_t n;
    SLIP_AUTO(slip_challenge) c = { 0 };
    SLIP_AUTO(slip_buf) url = SLIP_BUF(1u << 16);
    struct slip_url parts;
    slip_challenge_parse(a, &c);
    (void)slip_upload_range(a, &n);
    (void)slip_content_range_start(a, &n);
    (void)slip_content_length(a, &n);
    (void)slip_retry_after(a, &n);
    if (slip_url_resolve(SLIP_STR("https://reg.example/v2/a/b?c"), slip_link_next(a), &url)
        && !slip_url_parse(slip_buf_str(&url), &parts))
        __builtin_trap(); /* what we resolve we must be able to ask */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slip_str text = { (const char *)data, size };
    size_t empty = slip_str_find_str(text, SLIP_STR("\n\n"));
    struct slip_str head = empty == SLIP_NPOS ? text : slip_str_first(text, empty + 1);
    struct slip_str body = slip_str_skip(text, head.len);
    struct slip_http_answer a = { .header = SLIP_BUF(1u << 20), .body = SLIP_BUF(0) };
    struct slip_complaint complaint;
    struct slip_error err = { 0 };
    SLIP_AUTO(slip_tag_reader) reader;

    slip_buf_add_str(&a.header, head);
    read_header(&a);
    slip_buf_clear(&a.header);
    slip_complaint_parse(body, &complaint);
    slip_tag_reader_init(&reader, ignore_tag, NULL);
    if (slip_tag_reader_feed(&reader, slip_str_first(body, body.len / 2), &err) == 0)
        (void)!slip_tag_reader_feed(&reader, slip_str_skip(body, body.len / 2), &err);
    return 0;
}
