/* text_pool.h - texts kept once each: equal texts become equal pointers. */
#ifndef SIM_TEXT_POOL_H
#define SIM_TEXT_POOL_H

#include <stddef.h>

struct sim_text_pool;

struct sim_text_pool *sim_text_pool_create(void);

/* Frees the texts too. NULL is allowed. */
void sim_text_pool_destroy(struct sim_text_pool *pool);

/* The pool's copy of the first `length` bytes of `text`, which hold no zero byte. It lives as long as the pool.
 * Cost: one hash of the text.
 */
const char *sim_text_pool_keep(struct sim_text_pool *pool, const char *text, size_t length);

#endif
