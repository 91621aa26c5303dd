/** Reading how far replicas are behind and what slots keep, and doing away with slots that nobody will read again. */
@NullMarked
package io.watchkeeper.toolkit.replication;

import org.jspecify.annotations.NullMarked;
