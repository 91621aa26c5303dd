/** Bloat of tables and indexes, indexes built anew beside themselves, and advice which ones are too many or missing. */
@NullMarked
package io.watchkeeper.toolkit.index;

import org.jspecify.annotations.NullMarked;
