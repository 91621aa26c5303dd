/** Files that must survive: locks between processes, writing that a loss of power leaves whole, folders that go as one. */
@NullMarked
package io.watchkeeper.files;

import org.jspecify.annotations.NullMarked;
