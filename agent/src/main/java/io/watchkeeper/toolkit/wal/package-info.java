/** The write-ahead log as files: segments, timelines, the archive, and who receives it. */
@NullMarked
package io.watchkeeper.toolkit.wal;

import org.jspecify.annotations.NullMarked;
