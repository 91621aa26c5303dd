/** The store of runs on this host. */
package io.watchkeeper.history;
