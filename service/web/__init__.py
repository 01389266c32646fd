"""Pages for people, written on the server; one module a page, listed in `service.web.site`."""
