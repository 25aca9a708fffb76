/* reader.h - YAML text to a tree of nodes.
 *
 * One document of YAML 1.1 as libyaml reads it, and JSON, which is part of it. Where YAML would guess, this does
 * not: a key that occurs twice, tags, merge keys ('<<'), a second document, and an alias inside the value it
 * stands for are problems. Numbers, dates and truth values stay text here.
 */
#ifndef SCENARIOS_READER_H
#define SCENARIOS_READER_H

#include "scenarios/diagnostic.h"
#include "scenarios/node.h"

/* Different anchors in one text. */
#define READER_ANCHOR_MAX 256

/* Reads the file `path`. The tree belongs to the list's arena. Problems go to the list; the result is NULL when
 * there is nothing to go on with (unreadable file, wrong syntax, a bound exceeded), otherwise a tree in which what
 * was wrong is left out. A file that cannot be read is a problem at `from`, which may be nowhere.
 * Cost: linear in the text and the nodes.
 */
struct node *reader_read_file(const char *path, struct place from, struct diagnostic_list *problems);

/* The same for text in memory. */
struct node *reader_read_text(const char *name, const char *text, size_t size, struct diagnostic_list *problems);

/* The same for a part of a source that is there already, as a value on the command line: places count from
 * `at`, which is in the first line of its source.
 */
struct node *reader_read_part(struct place at, const char *text, struct diagnostic_list *problems);

#endif
