/** What looking at something came to: well, to look at, or to mend, with evidence and remedy. Stands alone. */
@NullMarked
package io.watchkeeper.review;

import org.jspecify.annotations.NullMarked;
