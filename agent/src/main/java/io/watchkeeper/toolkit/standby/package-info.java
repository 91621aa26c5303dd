/** Making physical standbys of a server, from its settings to the stream, and undoing all of it. */
@NullMarked
package io.watchkeeper.toolkit.standby;

import org.jspecify.annotations.NullMarked;
