#include "page/page.h"

#include "base/html.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* What charts and flame graphs consist of. */
static const char *const elements[] = {
    "svg",      "g",    "defs", "title", "desc",   "path",    "rect",        "circle",  "use",
    "polyline", "line", "text", "tspan", "filter", "feFlood", "feComposite", "polygon", "style",
};

#define BLANKS     " \t\r\n"
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_"

/* A copy under way. */
struct copy {
    const char *at; /* what follows */
    const char *name, *label;
    FILE *out;
    size_t depth; /* elements that are open */
    bool began;   /* the outermost one is written */
    bool own;     /* a title here would be gnuplot's own: of the picture, or of a plot */
    bool silent;  /* within an element that is left out */
};

static bool is(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool is_known(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (is(text, length, elements[i]))
            return true;
    return false;
}

static bool holds(const char *text, size_t length, const char *word)
{
    return memmem(text, length, word, strlen(word)) != NULL;
}

/* One that could load something, or run. */
static bool is_active(const char *attribute, size_t length, const char *value, size_t size)
{
    bool link = length >= 4 && is(attribute + length - 4, 4, "href");

    return strncasecmp(attribute, "on", 2) == 0 || is(attribute, length, "style") ||
           (link && *value != '#') || holds(value, size, "url(") || holds(value, size, "<");
}

/* Copy text as it stands, without what no text of a page has. */
static void put(struct copy *c, const char *text, size_t size)
{
    for (size_t i = 0; i < size && !c->silent; i++)
        if (!iscntrl((unsigned char)text[i]) || text[i] == '\n')
            fputc(text[i], c->out);
}

/* Copy what may stay of an attribute. */
static void put_attribute(struct copy *c, const char *attribute, size_t length, const char *value,
                          size_t size)
{
    bool link = is(attribute, length, "xlink:href"), id = is(attribute, length, "id");

    bool of_picture = is(attribute, length, "viewBox") || strncmp(attribute, "font", 4) == 0;

    if (strncmp(attribute, "xml", 3) == 0 || (!c->began && !of_picture))
        return;
    if (id && holds(value, size, "gnuplot_plot")) {
        c->own = true;
        return;
    }
    put(c, " ", 1);
    put(c, attribute, length);
    put(c, "=", 1);
    put(c, &value[-1], 1);
    if (link || id) {
        put(c, "#", link);
        put(c, c->name, strlen(c->name));
        put(c, "-", 1);
    }
    put(c, value + link, size - link);
    put(c, &value[-1], 1);
}

/* Copy the attributes of a tag up to its end. False when they are not as they should be. */
static bool put_attributes(struct copy *c)
{
    for (;;) {
        const char *attribute = c->at + strspn(c->at, BLANKS), *value, *end;
        size_t length = strspn(attribute, NAME_CHARS);

        c->at = attribute;
        if (length == 0)
            return true;
        value = attribute + length + strspn(attribute + length, BLANKS "=");
        if (*value != '"' && *value != '\'')
            return false;
        value++;
        end = strchr(value, value[-1]);
        if (end == NULL || is_active(attribute, length, value, (size_t)(end - value)))
            return false;
        put_attribute(c, attribute, length, value, (size_t)(end - value));
        c->at = end + 1;
    }
}

/* End a tag; false when it does not end here. */
static bool end_tag(struct copy *c, bool ends)
{
    bool empty = *c->at == '/';

    c->at += empty;
    if (*c->at != '>')
        return false;
    c->at++;
    if (!c->began) {
        fputs(" role=\"img\" aria-label=\"", c->out);
        html_text(c->label, c->out);
        fputc('"', c->out);
        c->began = true;
    }
    put(c, "/", empty);
    put(c, ">", 1);
    if (!empty && !ends)
        c->depth++;
    return true;
}

/* Copy a tag, without styles, descriptions and gnuplot's own titles. False when no chart has it
 * there. */
static bool put_tag(struct copy *c)
{
    bool ends = c->at[1] == '/', left_out;
    const char *name = c->at + 1 + ends;
    size_t length = strspn(name, NAME_CHARS);

    if (!is_known(name, length) || (c->began ? c->depth == 0 : !is(name, length, "svg")))
        return false;
    left_out = is(name, length, "desc") || is(name, length, "style") ||
               (is(name, length, "title") && (c->own || c->silent));
    c->depth -= ends;
    c->own = !c->began;
    c->silent = c->silent || left_out;
    put(c, ends ? "</" : "<", ends ? 2 : 1);
    put(c, name, length);
    c->at = name + length;
    if (!put_attributes(c) || !end_tag(c, ends))
        return false;
    c->silent = c->silent && !(left_out && ends);
    return true;
}

/* Skip what stands before the picture: <?xml ...?>, a comment, <!DOCTYPE ...>. */
static bool skip_prolog(struct copy *c)
{
    const char *end = strstr(c->at, strncmp(c->at, "<!--", 4) == 0 ? "-->" : ">");

    if (end == NULL)
        return false;
    c->at = end + (*end == '>' ? 1 : 3);
    return true;
}

int page_svg_copy(const char *svg, const char *name, const char *label, FILE *out, struct err *err)
{
    struct copy c = {.at = svg, .name = name, .label = label, .out = out};

    while (*c.at != '\0') {
        size_t length = strcspn(c.at, "<");
        const char *tag = c.at + length;
        bool good = true;

        if (c.began)
            put(&c, c.at, length);
        c.at = tag;
        if (*tag != '\0')
            good = !c.began && strchr("?!", tag[1]) != NULL ? skip_prolog(&c) : put_tag(&c);
        if (!good)
            return err_set(err, -EINVAL, "it holds \"%.*s\", which no chart of tva has",
                           (int)strcspn(tag, BLANKS ">"), tag);
    }
    return c.began && c.depth == 0 ? 0 : err_set(err, -EINVAL, "it is no whole SVG");
}
