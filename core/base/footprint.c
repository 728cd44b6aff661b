/* SPDX-License-Identifier: Apache-2.0 */
/* Pages that mirror files are given back. */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "base/footprint.h"

#include <link.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/mman.h>
#include <unistd.h>

void slip_footprint_begin(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 128 << 10); /* its default, which no longer grows then */
#endif
}

/* An object whose code the loader had to write into: there pages are not what the file holds. */
static bool has_written_code(const struct dl_phdr_info *object)
{
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_DYNAMIC)
            continue;
        const ElfW(Dyn) *entry = (const void *)(object->dlpi_addr + part->p_vaddr);
        for (; entry->d_tag != DT_NULL; entry++)
            if (entry->d_tag == DT_TEXTREL
                || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL)))
                return true;
    }
    return false;
}

/* Never what is mapped writable, and so nothing that is read-only after relocation either. The
 * linker puts the tables of the loader behind the header, most often apart from code. */
static bool may_go(const ElfW(Phdr) * part, enum slip_footprint what)
{
    if (part->p_type != PT_LOAD || (part->p_flags & PF_W))
        return false;
    return what == SLIP_FOOTPRINT_FILES || (part->p_offset == 0 && !(part->p_flags & PF_X));
}

static int shrink_object(struct dl_phdr_info *object, size_t size, void *payload)
{
    const enum slip_footprint *what = payload;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    (void)size;
    if (has_written_code(object))
        return 0;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        uintptr_t begin = object->dlpi_addr + part->p_vaddr, end = begin + part->p_memsz;
        begin -= begin % page;
        if (may_go(part, *what)) /* pages that are locked stay: no harm done */
            (void)!madvise((void *)begin, end - begin, MADV_DONTNEED);
    }
    return 0;
}

void slip_footprint_shrink(enum slip_footprint what)
{
    dl_iterate_phdr(shrink_object, &what);
}
