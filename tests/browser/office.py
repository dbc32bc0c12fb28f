"""The console as an officer uses it: by what is written on it."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.watch import Watch

PASSWORDS = {
    "admin": "红梅公园-桂花糕-31",
    "wang": "茶叶蛋-四川路-42",
    "xuan": "淹城遗址-糯米藕-53",
    "lin": "青果巷口-大麻糕-64",
    "gu": "天宁塔下-银丝面-75",
}


@dataclass
class Officer:
    """One browser at the console."""

    context: BrowserContext
    page: Page
    watch: Watch

    def go(self, path: str) -> Officer:
        """Open a page of the console."""
        self.page.goto(f"{self.watch.origin}/console{path}")
        return self

    def enter(self, link: str, login: str) -> Officer:
        """Use a one-time link, then set the password of `login`."""
        self.page.goto(link)
        self.click("进入并设置密码")
        expect(self.page.get_by_role("heading", name="设置密码")).to_be_visible()
        self.page.get_by_label("新密码", exact=True).fill(PASSWORDS[login])
        self.page.get_by_label("再输一遍新密码").fill(PASSWORDS[login])
        self.click("保存密码")
        expect(self.page.get_by_text("密码已保存。")).to_be_visible()
        return self

    def log_in(self, login: str) -> Officer:
        """Log in by password."""
        self.go("/login")
        self.page.get_by_label("登录名").fill(login)
        self.page.get_by_label("密码").fill(PASSWORDS[login])
        self.click("登录")
        expect(self.page.get_by_role("heading", name="的工单")).to_be_visible()
        return self

    def hire(self, login: str, name: str, unit: str, role: str = "经办") -> str:
        """Add somebody to a unit (Chinese names); returns the one-time link."""
        self.go("/staff")
        self.page.get_by_label("登录名", exact=True).fill(login)
        self.page.get_by_label("姓名").fill(name)
        self.page.get_by_label("角色").select_option(label=role)
        self.page.get_by_label("单位").select_option(label=unit)
        self.click("添加并生成链接")
        return self.page.get_by_label("链接", exact=True).input_value()

    def click(self, name: str) -> None:
        """Press the button of that name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def open_ticket(self, number: str) -> Officer:
        """Find a ticket in the queue, however long that is by now, and open it."""
        self.go("/queue")
        self.page.get_by_role("searchbox").fill(number)
        self.click("筛选")
        self.page.get_by_role("table").get_by_role("link", name=number).click()
        expect(self.page.get_by_role("heading", name=number)).to_be_visible()
        return self

    def do(self, action: str, text: str, button: str, done: str) -> None:
        """Fold out one action of the open ticket, fill it in, send it, read that it is done."""
        form = self.page.locator("details").filter(
            has=self.page.locator("summary", has_text=action)
        )
        if form.get_attribute("open") is None:
            form.locator("summary").click()
        if text:
            form.locator("textarea").fill(text)
        form.get_by_role("button", name=button, exact=True).click()
        expect(self.page.get_by_role("status").filter(has_text=done)).to_be_visible()


def new_officer(browser: Browser, origin: str, **options: object) -> Officer:
    """A fresh browser, watched."""
    context = browser.new_context(locale="zh-CN", **options)  # type: ignore[arg-type]
    watch = Watch(origin)
    watch.follow(context)
    return Officer(context, context.new_page(), watch)
