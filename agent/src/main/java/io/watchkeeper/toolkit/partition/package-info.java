/** Range partitions by time: made ahead, gaps filled, old ones detached, archived and dropped; and plans for tables that have none yet. */
@NullMarked
package io.watchkeeper.toolkit.partition;

import org.jspecify.annotations.NullMarked;
