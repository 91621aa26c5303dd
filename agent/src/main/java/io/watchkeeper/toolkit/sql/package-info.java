/** The operator's own statements. */
package io.watchkeeper.toolkit.sql;
