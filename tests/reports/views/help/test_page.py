"""The help page is for anybody, in both languages."""


def test_anybody_reads_how_each_role_works(client, db):
    page = client.get("/help/").content.decode()
    assert "کارشناس واحد: تکمیل گزارش" in page
    assert "مهلت‌ها چگونه شمرده می‌شود" in page


def test_it_is_complete_in_english(client, db):
    client.cookies["django_language"] = "en"
    assert "Unit expert: filling in a report" in client.get("/help/").content.decode()
