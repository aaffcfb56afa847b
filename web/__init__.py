"""The pages for people: the same domain functions as `api`, templates instead of JSON."""

from api.app import Api
from api.state import state_of
from web.errors import error_page
from web.look_up import LookUp, set_look_up
from web.pages import blueprint


def add_pages(app: Api) -> None:
    """Give an application its pages and their static files."""
    set_look_up(app, LookUp(state_of(app)))
    app.register_blueprint(blueprint)
    app.error_page = error_page
