/** Who may call this agent: scopes, networks and the file of tokens. Stands alone; the HTTP server and the commands use it. */
@org.jspecify.annotations.NullMarked
package io.watchkeeper.access;
