/** What checklists came to, for people: one report for each run, made from its document and what was measured. */
@NullMarked
package io.watchkeeper.checklist;

import org.jspecify.annotations.NullMarked;
