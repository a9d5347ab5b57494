/** An agent inside an application: a channel and its sinks, fed by method calls. */
package io.millrace.embedded;
