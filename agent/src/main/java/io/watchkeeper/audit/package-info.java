/** What is put on the record of who did what. Stands alone; the store keeps it. */
@org.jspecify.annotations.NullMarked
package io.watchkeeper.audit;
