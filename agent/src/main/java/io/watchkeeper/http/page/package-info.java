/** The status page as HTML: pure functions from views to markup. Every word stands in page.properties. */
package io.watchkeeper.http.page;
