/* What a document has to have, object by object: tables for check.c, each ended by a NULL key. */
#ifndef TVA_RESULT_CHECK_RULES_H
#define TVA_RESULT_CHECK_RULES_H

#include <stdbool.h>
#include <stddef.h>

enum check_kind { TEXT, NUMBER, INTEGER, BOOLEAN, OBJECT, LIST, QUANTITY, DISTRIBUTION };

struct check_rule {
    const char *key;
    enum check_kind kind;
    bool or_null;
};

extern const struct check_rule check_document_rules[];
extern const struct check_rule check_context_rules[];
extern const struct check_rule check_cell_rules[];
extern const struct check_rule check_cell_optional_rules[];
extern const struct check_rule check_summary_optional_rules[];
extern const struct check_rule check_over_time_rules[];
extern const struct check_rule check_ledger_rules[];
extern const struct check_rule check_summary_rules[];
extern const struct check_rule check_quantity_rules[];
extern const struct check_rule check_distribution_rules[];
extern const struct check_rule check_timeline_rules[];

#endif
