#include "base/build_id.h"

#include "base/hash.h"
#include "base/mapped.h"
#include "base/text.h"

#include <elf.h>
#include <inttypes.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ID_BYTES_MAX 32

/* False when the file ends before that. */
static bool take(const struct mapped *m, uint64_t offset, void *out, uint64_t len)
{
    const void *part = mapped_part(m, offset, len);

    if (part != NULL)
        memcpy(out, part, len);
    return part != NULL;
}

static uint64_t round_up(uint64_t n)
{
    return (n + 3) / 4 * 4;
}

/* A note is a header, a name and its content, each filled up to 4 bytes. */
static bool find_in_notes(const struct mapped *m, uint64_t offset, uint64_t len, char *buf,
                          size_t size)
{
    uint64_t end = offset + len;
    ElfW(Nhdr) note;

    while (offset < end && take(m, offset, &note, sizeof note)) {
        uint64_t name = offset + sizeof note, content = name + round_up(note.n_namesz);
        unsigned char owner[sizeof ELF_NOTE_GNU], id[ID_BYTES_MAX];

        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof owner &&
            take(m, name, owner, sizeof owner) && memcmp(owner, ELF_NOTE_GNU, sizeof owner) == 0 &&
            note.n_descsz <= sizeof id && take(m, content, id, note.n_descsz)) {
            snprintf(buf, size, "build-id ");
            for (size_t i = 0; i < note.n_descsz; i++)
                text_add(buf, size, "%02x", id[i]);
            return true;
        }
        offset = content + round_up(note.n_descsz);
    }
    return false;
}

/* In a file of this machine's class. */
static bool find_build_id(const struct mapped *m, char *buf, size_t size)
{
    ElfW(Ehdr) head;
    ElfW(Phdr) part;

    if (!take(m, 0, &head, sizeof head) || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
        head.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32))
        return false;
    for (uint64_t i = 0; i < head.e_phnum; i++)
        if (take(m, head.e_phoff + i * sizeof part, &part, sizeof part) && part.p_type == PT_NOTE &&
            find_in_notes(m, part.p_offset, part.p_filesz, buf, size))
            return true;
    return false;
}

char *build_id_of(const char *path, char *buf, size_t size)
{
    struct mapped m;

    buf[0] = '\0';
    if (!mapped_open(path, &m))
        return buf;
    if (!find_build_id(&m, buf, size))
        snprintf(buf, size, "hash %016" PRIx64, hash_bytes(0, m.bytes, m.size));
    mapped_close(&m);
    return buf;
}
