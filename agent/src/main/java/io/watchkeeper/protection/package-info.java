/** How well the data is protected, as the page, the metrics and the doctor show it: facts alone, worked out by the toolkit. */
@NullMarked
package io.watchkeeper.protection;

import org.jspecify.annotations.NullMarked;
