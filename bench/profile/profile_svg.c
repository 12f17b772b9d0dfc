#include "base/html.h"
#include "base/units.h"
#include "profile/profile.h"

#include <string.h>

#define WIDTH      1200.0
#define MARGIN     10.0
#define ROW        18.0
#define HEAD       48.0 /* title and unit */
#define NARROWEST  1.0  /* px; narrower frames are left out */
#define CHARACTER  6.7  /* px; of the font that the text is cut for */
#define SHORTEST   3    /* characters; less says nothing */
#define DEPTH_MOST 64

/* What one picture has in common. */
struct picture {
    const char *unit;
    double total, px_each, height;
    FILE *out;
};

static size_t depth_of(const struct profile_frame *frame, double px_each)
{
    size_t deepest = 0;

    for (size_t i = 0; i < frame->count; i++)
        if ((double)frame->called[i].total * px_each >= NARROWEST) {
            size_t depth = depth_of(&frame->called[i], px_each);

            deepest = depth > deepest ? depth : deepest;
        }
    return deepest + 1 < DEPTH_MOST ? deepest + 1 : DEPTH_MOST;
}

/* Warm, and the same for a name in all pictures. */
static const char *colour_of(const char *name)
{
    static const char *const colours[] = {"#f5b041", "#f0a35e", "#eb984e", "#f8c471",
                                          "#e8a87c", "#f7b267", "#f4a259", "#e9b872"};
    unsigned sum = 0;

    for (; *name != '\0'; name++)
        sum = sum * 31 + (unsigned char)*name;
    return colours[sum % (sizeof colours / sizeof *colours)];
}

static void write_label(const struct picture *p, const char *name, double x, double y, double width)
{
    size_t room = width > 6 ? (size_t)((width - 6) / CHARACTER) : 0, length = strlen(name);
    char text[256];

    if (room < SHORTEST)
        return;
    snprintf(text, sizeof text, "%.*s%s", (int)(length > room ? room - 2 : length), name,
             length > room ? ".." : "");
    fprintf(p->out, "<text x=\"%.1f\" y=\"%.1f\">", x + 3, y + ROW - 6);
    html_text(text, p->out);
    fputs("</text>", p->out);
}

static void write_frame(const struct picture *p, const struct profile_frame *frame,
                        const char *name, double x, size_t depth)
{
    double width = (double)frame->total * p->px_each;
    double y = p->height - MARGIN - (double)(depth + 1) * ROW;
    char count[32];

    if (width < NARROWEST || depth >= DEPTH_MOST)
        return;
    fputs("<g><title>", p->out);
    html_text(name, p->out);
    fprintf(p->out, ": %s %s, %.2f %%</title>",
            units_format_count((uint64_t)frame->total, count, sizeof count), p->unit,
            100 * (double)frame->total / p->total);
    fprintf(p->out,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"1\" fill=\"%s\"/>", x,
            y, width, ROW - 1, depth == 0 ? "#d5d8dc" : colour_of(name));
    write_label(p, name, x, y, width);
    fputs("</g>\n", p->out);
    for (size_t i = 0; i < frame->count; i++) {
        write_frame(p, &frame->called[i], frame->called[i].name, x, depth + 1);
        x += (double)frame->called[i].total * p->px_each;
    }
}

void profile_svg_write(const struct profile_frame *root, const struct profile_texts *texts,
                       FILE *out)
{
    struct picture p = {.unit = texts->unit, .total = (double)root->total, .out = out};
    char count[32];

    p.px_each = (WIDTH - 2 * MARGIN) / (p.total > 0 ? p.total : 1);
    p.height = HEAD + 2 * MARGIN + (double)depth_of(root, p.px_each) * ROW;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flame\" viewBox=\"0 0 %.0f %.0f\" "
            "width=\"%.0f\" height=\"%.0f\" role=\"img\" font-family=\"monospace\" "
            "font-size=\"11\">\n<title>",
            WIDTH, p.height, WIDTH, p.height);
    html_text(texts->title, out);
    fputs("</title>\n<style>.flame g:hover rect { stroke: #000; }</style>\n"
          "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
          "<text x=\"10\" y=\"22\" font-size=\"16\" font-weight=\"bold\">",
          out);
    html_text(texts->title, out);
    fprintf(
        out,
        "</text>\n<text x=\"10\" y=\"42\">%s %s %s; a frame is as wide as its share, and stands "
        "on its caller</text>\n",
        units_format_count((uint64_t)root->total, count, sizeof count), texts->unit, texts->how);
    write_frame(&p, root, "all", MARGIN, 0);
    fputs("</svg>\n", out);
}
