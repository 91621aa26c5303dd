/** Figures over time, for growth, trends, and conditions that have to last. Stands alone; the store keeps them. */
@NullMarked
package io.watchkeeper.measures;

import org.jspecify.annotations.NullMarked;
