/** Whether a database keeps what was promised of it: how long reads and writes take, how many fail, and how fast the budget for that is spent. */
@NullMarked
package io.watchkeeper.toolkit.slo;

import org.jspecify.annotations.NullMarked;
