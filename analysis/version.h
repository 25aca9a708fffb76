/* version.h - which program this is. The Makefile gives both texts, to this file only. */
#ifndef ANALYSIS_VERSION_H
#define ANALYSIS_VERSION_H

/* "0.1.0"; "unversioned" when built without the Makefile. */
const char *version_number(void);

/* Short hash of the commit, with "+" after it if files were changed; "unknown" outside a clone. */
const char *version_commit(void);

#endif
