/**
 * Backups that pgBackRest makes and holds: its program is run and its answers are read; its configuration and its repository stay
 * its own.
 */
@NullMarked
package io.watchkeeper.toolkit.pgbackrest;

import org.jspecify.annotations.NullMarked;
