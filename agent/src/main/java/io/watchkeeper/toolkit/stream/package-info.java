/** Logical replication made, watched and handed over: publications, subscriptions, and the way between polling and streaming. */
package io.watchkeeper.toolkit.stream;
