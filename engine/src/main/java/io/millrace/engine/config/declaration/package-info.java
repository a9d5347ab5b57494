/** What components declare: their types, their options, and how each option is read. */
package io.millrace.engine.config.declaration;
