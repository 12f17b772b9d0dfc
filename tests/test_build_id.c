/* The promise: build_id_of() finds the linker's build-id of a file, wherever it stands among the
 * notes. Without one, it gives a hash of all bytes. A damaged file counts as one without. */
#include "base/build_id.h"
#include "support/records.h"

#include <elf.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A shared object with two notes, and nothing else. */
struct object {
    ElfW(Ehdr) head;
    ElfW(Phdr) parts[2];
    struct {
        ElfW(Nhdr) head;
        char owner[4], text[8]; /* 5 bytes of it are the content */
    } other;
    struct {
        ElfW(Nhdr) head;
        char owner[4];
        unsigned char id[4];
    } build;
};

static struct object make_object(void)
{
    struct object o = {
        .head = {.e_phoff = offsetof(struct object, parts), .e_phnum = 2},
        .parts = {{.p_type = PT_LOAD},
                  {.p_type = PT_NOTE,
                   .p_offset = offsetof(struct object, other),
                   .p_filesz = sizeof o.other + sizeof o.build}},
        .other = {{4, 5, NT_GNU_BUILD_ID}, "Go", "build"},
        .build = {{4, 4, NT_GNU_BUILD_ID}, "GNU", {0x5f, 0x0c, 0, 0xff}},
    };

    memcpy(o.head.e_ident, ELFMAG, SELFMAG);
    o.head.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    return o;
}

/* Of a file that has these bytes. */
static char *build_of(const void *bytes, size_t len, char *buf, size_t size)
{
    char *folder = records_make_directory(), path[256];
    FILE *f;

    snprintf(path, sizeof path, "%s/file", folder);
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    fclose(f);
    build_id_of(path, buf, size);
    records_remove_directory(folder);
    return buf;
}

static void the_linkers_id_tells_it(void **state)
{
    struct object o = make_object();
    char build[BUILD_ID_SIZE];

    (void)state;
    assert_string_equal(build_of(&o, sizeof o, build, sizeof build), "build-id 5f0c00ff");
    o.parts[0].p_vaddr = 4096; /* what else is in it does not matter then */
    assert_string_equal(build_of(&o, sizeof o, build, sizeof build), "build-id 5f0c00ff");
}

static void without_one_all_bytes_do(void **state)
{
    char a[BUILD_ID_SIZE], b[BUILD_ID_SIZE];

    (void)state;
    assert_memory_equal(build_of("one text", 8, a, sizeof a), "hash ", 5);
    assert_int_equal(strlen(a), 5 + 16);
    assert_string_equal(build_of("one text", 8, b, sizeof b), a);
    assert_string_not_equal(build_of("one test", 8, b, sizeof b), a);
    assert_string_equal(build_id_of("/absent", a, sizeof a), "");
    assert_string_equal(build_id_of("/", a, sizeof a), "");
    assert_string_equal(build_of("", 0, a, sizeof a), "");
}

/* Cut anywhere, with each of its sizes and places off by any power of two: it is read within its
 * bounds, and has a build. */
static void a_damaged_file_is_one_without(void **state)
{
    char build[BUILD_ID_SIZE];

    (void)state;
    for (size_t len = 1; len < offsetof(struct object, build.id[4]); len += 3) {
        struct object o = make_object();

        assert_memory_equal(build_of(&o, len, build, sizeof build), "hash ", 5);
    }
    for (size_t bit = 0; bit < 64; bit += 3) {
        struct object o[4] = {make_object(), make_object(), make_object(), make_object()};

        o[0].head.e_phoff ^= (ElfW(Off))1 << bit;
        o[1].parts[1].p_offset ^= (ElfW(Off))1 << bit;
        o[2].parts[1].p_filesz ^= (ElfW(Off))1 << bit;
        o[3].other.head.n_descsz ^= (ElfW(Word))1 << bit % 32;
        for (size_t i = 0; i < 4; i++)
            assert_true(strlen(build_of(&o[i], sizeof o[i], build, sizeof build)) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_linkers_id_tells_it),
        cmocka_unit_test(without_one_all_bytes_do),
        cmocka_unit_test(a_damaged_file_is_one_without),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
