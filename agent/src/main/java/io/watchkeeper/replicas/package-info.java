/** How far copies of a server are behind it, as the page, the metrics and the doctor show it: facts alone, worked out by the toolkit. */
@NullMarked
package io.watchkeeper.replicas;

import org.jspecify.annotations.NullMarked;
