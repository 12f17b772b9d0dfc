#include "base/symbol.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The loaded file that an address belongs to. */
struct home {
    uintptr_t address;
    uintptr_t value; /* of the address in the file's own counting */
    char path[512];  /* "": not found */
};

static int find_file(struct dl_phdr_info *file, size_t size, void *arg)
{
    struct home *home = arg;

    (void)size;
    for (size_t i = 0; i < file->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &file->dlpi_phdr[i];
        uintptr_t begin = file->dlpi_addr + part->p_vaddr;

        if (part->p_type != PT_LOAD || home->address < begin ||
            home->address - begin >= part->p_memsz)
            continue;
        home->value = home->address - file->dlpi_addr;
        snprintf(home->path, sizeof home->path, "%s",
                 file->dlpi_name[0] != '\0' ? file->dlpi_name : "/proc/self/exe");
        return 1;
    }
    return 0;
}

/* A file, as it is in memory. */
struct image {
    const char *bytes;
    size_t size;
};

/* The bytes [at, at + size) of the image; NULL where it is shorter. */
static const void *part_of(const struct image *image, size_t at, size_t size)
{
    return at <= image->size && size <= image->size - at ? image->bytes + at : NULL;
}

/* Look for the function in one table of symbols. */
static bool find_in_table(const struct image *image, const ElfW(Shdr) * table,
                          const ElfW(Shdr) * names, uintptr_t value, char *buf, size_t size)
{
    const ElfW(Sym) *symbols = part_of(image, table->sh_offset, table->sh_size);
    const char *texts = part_of(image, names->sh_offset, names->sh_size);

    for (size_t i = 0; symbols != NULL && texts != NULL && i < table->sh_size / sizeof *symbols;
         i++) {
        const ElfW(Sym) *s = &symbols[i];

        if ((s->st_info & 0xf) != STT_FUNC || value < s->st_value ||
            value - s->st_value >= s->st_size || s->st_name >= names->sh_size)
            continue;
        snprintf(buf, size, "%.*s", (int)(names->sh_size - s->st_name), texts + s->st_name);
        return true;
    }
    return false;
}

/* In the table of all its functions; files that were stripped have none. */
static bool find_in_image(const struct image *image, uintptr_t value, char *buf, size_t size)
{
    const ElfW(Ehdr) *head = part_of(image, 0, sizeof *head);
    const ElfW(Shdr) *sections = NULL;

    if (head != NULL && memcmp(head->e_ident, ELFMAG, SELFMAG) == 0)
        sections = part_of(image, head->e_shoff, head->e_shnum * sizeof *sections);
    for (size_t i = 0; sections != NULL && i < head->e_shnum; i++)
        if (sections[i].sh_type == SHT_SYMTAB && sections[i].sh_link < head->e_shnum &&
            find_in_table(image, &sections[i], &sections[sections[i].sh_link], value, buf, size))
            return true;
    return false;
}

static bool find_in_file(const struct home *home, char *buf, size_t size)
{
    int fd = open(home->path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    struct image image;
    void *mapped;
    bool found;

    if (fd < 0)
        return false;
    mapped = fstat(fd, &status) == 0 && status.st_size > 0
                 ? mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0)
                 : MAP_FAILED;
    close(fd);
    if (mapped == MAP_FAILED)
        return false;
    image = (struct image){mapped, (size_t)status.st_size};
    found = find_in_image(&image, home->value, buf, size);
    munmap(mapped, image.size);
    return found;
}

char *symbol_name(uintptr_t address, char *buf, size_t size)
{
    struct home home = {.address = address};
    const union {
        uintptr_t address;
        const void *code;
    } function = {address};
    const char *slash;
    Dl_info info;

    dl_iterate_phdr(find_file, &home);
    if (home.path[0] == '\0') {
        snprintf(buf, size, "?");
    } else if (find_in_file(&home, buf, size)) {
        buf[strcspn(buf, ".")] = '\0'; /* a part of a function that the compiler made its own */
    } else if (dladdr(function.code, &info) != 0 && info.dli_sname != NULL) {
        snprintf(buf, size, "%s", info.dli_sname);
    } else {
        slash = strrchr(home.path, '/');
        snprintf(buf, size, "%s+%#zx", slash != NULL ? slash + 1 : home.path, (size_t)home.value);
    }
    return buf;
}
