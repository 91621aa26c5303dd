/** How a server is set up, and what it says in its own log. Only reads. */
@NullMarked
package io.watchkeeper.toolkit.settings;

import org.jspecify.annotations.NullMarked;
