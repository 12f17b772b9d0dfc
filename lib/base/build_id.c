#include "base/build_id.h"

#include "base/hash.h"
#include "base/text.h"

#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID_BYTES_MAX 32

struct image {
    const unsigned char *bytes;
    uint64_t size;
};

/* False when the file ends before that. */
static bool take(const struct image *m, uint64_t offset, void *out, uint64_t len)
{
    if (offset > m->size || len > m->size - offset)
        return false;
    memcpy(out, m->bytes + offset, len);
    return true;
}

static uint64_t round_up(uint64_t n)
{
    return (n + 3) / 4 * 4;
}

/* A note is a header, a name and its content, each filled up to 4 bytes. */
static bool find_in_notes(const struct image *m, uint64_t offset, uint64_t len, char *buf,
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
static bool find_build_id(const struct image *m, char *buf, size_t size)
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
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct image m = {.bytes = MAP_FAILED};
    struct stat s;

    buf[0] = '\0';
    if (fd >= 0 && fstat(fd, &s) == 0 && s.st_size > 0) {
        m.size = (uint64_t)s.st_size;
        m.bytes = mmap(NULL, m.size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (fd >= 0)
        close(fd);
    if (m.bytes == MAP_FAILED)
        return buf;
    if (!find_build_id(&m, buf, size))
        snprintf(buf, size, "hash %016" PRIx64, hash_bytes(0, m.bytes, m.size));
    munmap((void *)m.bytes, m.size);
    return buf;
}
