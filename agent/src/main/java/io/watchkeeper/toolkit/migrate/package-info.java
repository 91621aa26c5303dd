/** Migrations of a database's schema, by Sqitch: planned, judged, approved, done, taken back. */
@org.jspecify.annotations.NullMarked
package io.watchkeeper.toolkit.migrate;
