-- What fills the context, as JSON, for those who ask why it is so large; null of builds of earlier versions.
alter table builds add column context_content text;
