/**
 * Who is the primary, who decides that, and what replication is protected by: failover managers are recognised and not fought with, a
 * primary without one is handed over by a person's word, synchronous standbys and authentication are looked at.
 */
@NullMarked
package io.watchkeeper.toolkit.failover;

import org.jspecify.annotations.NullMarked;
