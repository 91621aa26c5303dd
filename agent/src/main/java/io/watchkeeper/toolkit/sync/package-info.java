@org.jspecify.annotations.NullMarked
package io.watchkeeper.toolkit.sync;
