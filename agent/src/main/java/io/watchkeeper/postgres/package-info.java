/** Everything the agent knows about talking to PostgreSQL, but no operation of its own. */
package io.watchkeeper.postgres;
