/** Base backups become servers again: restored to a directory, or proven in a sandbox by a drill. */
@NullMarked
package io.watchkeeper.toolkit.pitr;

import org.jspecify.annotations.NullMarked;
