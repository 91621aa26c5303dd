/**
 * Looks at what a server does and how full it is: sessions, locks, statements, sizes, counters that run out. Reads only, a statement or two for
 * each check, and none that grows with the number of tables beyond the catalogue itself.
 */
@NullMarked
package io.watchkeeper.toolkit.check;

import org.jspecify.annotations.NullMarked;
