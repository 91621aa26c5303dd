/** The repository of backups: what is in it, how it gets there, how long it stays, and whether it is still whole. */
@NullMarked
package io.watchkeeper.toolkit.backup;

import org.jspecify.annotations.NullMarked;
